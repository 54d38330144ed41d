import { spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { clone } from '../../cli/clone.ts';
import type { StackFile } from './stack-files.ts';

/** The command line and the host of programs for Node, which come together. */
const executables = ['pulumi', 'pulumi-language-nodejs'];
/** What a program consists of, beside its `Pulumi.yaml` and the packages. */
const program = ['infra', 'core', 'package.json'];

/** @returns what of Pulumi isn't on the path, or null */
export function engineMissing(): string | null {
  const missing = executables.filter((name) => !isOnPath(name));
  return missing.length === 0 ? null : `${missing.join(' and ')} not on the path`;
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** How a command ended, with what it printed. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  /** of both kinds, for who has to find out what went wrong */
  readonly all: string;
}

const step = z.object({ op: z.string(), urn: z.string() });
const previewed = z.object({ steps: z.array(step), changeSummary: z.record(z.string(), z.number()) });
const updates = z.array(z.object({ result: z.string(), resourceChanges: z.record(z.string(), z.number()) }));
const inputs = z.record(z.string(), z.unknown()).default({});
const resource = z.object({ urn: z.string(), inputs });
const state = z.object({ deployment: z.object({ resources: z.array(resource).default([]) }) });

export type Preview = z.infer<typeof previewed>;
export type State = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * The program of the repository, a copy of it, run by Pulumi's own engine against stand-ins of the providers. State
 * and everything else that Pulumi keeps is in one folder; nothing is asked of the network.
 */
export class Engine {
  readonly #project: string;
  readonly #cloud: string;
  readonly #stack: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** @param folder an empty one */
  constructor(folder: string, stack: string) {
    this.#project = join(folder, 'project');
    this.#cloud = join(folder, 'cloud');
    this.#stack = stack;
    const [home, backend] = [join(folder, 'home'), join(folder, 'state')];
    for (const made of [this.#project, this.#cloud, home, backend]) mkdirSync(made);
    for (const name of program) cpSync(join(clone, name), join(this.#project, name), { recursive: true });
    symlinkSync(join(clone, 'node_modules'), join(this.#project, 'node_modules'));
    const description = parse(readFileSync(join(clone, 'Pulumi.yaml'), 'utf8')) as object;
    const providers = ['aws', 'random'].map((name) => ({ name, path: this.#standIn(folder, name) }));
    writeFileSync(join(this.#project, 'Pulumi.yaml'), stringify({ ...description, plugins: { providers } }));
    this.#environment = {
      ...process.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: 'of a test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
    };
  }

  /** Writes the file of the stack, with the salt of its secrets kept. */
  configure({ input }: Pick<StackFile, 'input'>): void {
    const file = join(this.#project, `Pulumi.${this.#stack}.yaml`);
    const made = readdirSync(this.#project).includes(`Pulumi.${this.#stack}.yaml`);
    const before = made ? (parse(readFileSync(file, 'utf8')) as object) : {};
    writeFileSync(file, stringify({ ...before, config: { 'lazuli:stack': input } }));
  }

  async init(): Promise<void> {
    await this.#succeed('stack', 'init', this.#stack);
  }

  async preview(): Promise<Preview> {
    return previewed.parse(JSON.parse(await this.#succeed('preview', '--json', ...this.#of)));
  }

  /** @returns the numbers of resources that were made, changed, …, and left as they were */
  async up(): Promise<Readonly<Record<string, number>>> {
    await this.#succeed('up', '--yes', '--skip-preview', ...this.#of);
    const [last] = updates.parse(JSON.parse(await this.#succeed('stack', 'history', '--json', ...this.#of)));
    return last?.resourceChanges ?? {};
  }

  /** With its preview, as it is when nothing else is asked for. */
  destroy(): Promise<Ended> {
    return this.#run('destroy', '--yes', ...this.#of);
  }

  /** Inputs of what the stack's state holds by URN, but for providers that the engine made by itself. */
  async state(): Promise<State> {
    const { deployment } = state.parse(
      JSON.parse(await this.#succeed('stack', 'export', '--show-secrets', ...this.#of)),
    );
    const asked = deployment.resources.filter(({ urn }) => !/::pulumi:providers:\w+::default/.test(urn));
    return new Map(asked.map(({ urn, inputs: given }) => [urn, given]));
  }

  async outputs(): Promise<unknown> {
    return JSON.parse(await this.#succeed('stack', 'output', '--json', ...this.#of));
  }

  /** Type and name of each resource that the stand-ins made and that is still there. */
  get cloud(): readonly string[] {
    return readdirSync(this.#cloud).map(decodeURIComponent).sort();
  }

  get #of(): readonly string[] {
    return ['--stack', this.#stack];
  }

  #standIn(folder: string, name: string): string {
    const place = join(folder, `plugin-${name}`);
    const file = join(place, `pulumi-resource-${name}`);
    const command = [process.execPath, join(clone, 'test/infra/stand-in/plugin.ts'), this.#cloud];
    mkdirSync(place);
    writeFileSync(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(file, 0o755);
    return place;
  }

  async #succeed(...args: readonly string[]): Promise<string> {
    const { code, out, all } = await this.#run(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${all}`);
    return out;
  }

  #run(...args: readonly string[]): Promise<Ended> {
    const child = spawn('pulumi', ['--non-interactive', '--color', 'never', ...args], {
      cwd: this.#project,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, all] = ['', ''];
    child.stdout.on('data', (text) => {
      out += text;
      all += text;
    });
    child.stderr.on('data', (text) => {
      all += text;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, out, all }));
    });
  }
}
