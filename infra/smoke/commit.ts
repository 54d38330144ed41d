import { z } from 'zod';
import { asked } from './commands.ts';
import { SmokeFailure } from './failure.ts';

const images = z.object({ imageDetails: z.array(z.object({ imageTags: z.array(z.string()).default([]) })) });

/**
 * The commit of an image: the pipeline tags each image with it, and nobody can move a tag.
 *
 * @param image repository and digest
 * @throws SmokeFailure where the registry isn't AWS's, or has no such tag
 */
export async function commitOf(image: string): Promise<string> {
  const [, registry, region, repository, digest] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^@:]+)@(.+)$/.exec(image) ?? [];
  if (registry === undefined || region === undefined || repository === undefined) throw unknown(image);
  const which = ['--registry-id', registry, '--region', region, '--repository-name', repository];
  const args = ['ecr', 'describe-images', ...which, '--image-ids', `imageDigest=${digest}`, '--output', 'json'];
  const { imageDetails } = await asked(images, 'aws', args);
  const commits = imageDetails.flatMap(({ imageTags }) => imageTags.filter((tag) => /^[0-9a-f]{40}$/.test(tag)));
  const [commit] = commits;
  if (commit === undefined || commits.length > 1) throw unknown(image);
  return commit;
}

const unknown = (image: string): SmokeFailure =>
  new SmokeFailure(
    `No tag says of which commit ${image} is`,
    'Name the commit: it is the second argument of the smoke test.',
  );
