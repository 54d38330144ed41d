import type { Json, PresentContext } from '../../../../core/model/metadata.ts';
import { isObject } from '../members.ts';
import { distinctSorted } from '../order.ts';
import { type Contents, type Inner, renamed, rowsOf } from './entities.ts';
import { stratification } from './matrices.ts';

/** How projects are shown, beside lists that need more than another name. */
export const projectShape = {
  projectId: 'document_id',
  projectTitle: 'project_title',
  projectShortname: 'project_short_name',
  estimatedCellCount: 'estimated_cell_count',
  isTissueAtlasProject: 'is_tissue_atlas_project',
  bionetworkName: 'bionetwork_name',
  dataUseRestriction: 'data_use_restriction',
};

/** How contributors of a project are shown. */
export const contributorShape = {
  contactName: 'contact_name',
  correspondingContributor: 'corresponding_contributor',
  email: 'email',
  institution: 'institution',
  laboratory: 'laboratory',
  projectRole: 'project_role',
};

/** How publications of a project are shown. */
export const publicationShape = {
  publicationTitle: 'publication_title',
  publicationUrl: 'publication_url',
  officialHcaPublication: 'official_hca_publication',
  doi: 'doi',
};

/** Projects, in full where the document is about the project. */
export function projects(contents: Contents, context: PresentContext): Inner[] {
  return rowsOf(contents, 'projects').map((inner) => ({
    ...renamed(inner, projectShape),
    laboratory: distinctSorted(list(inner.laboratory) as (string | null)[]),
    tissueAtlas: objects(inner.tissue_atlas),
    ...(context.entityType === 'projects' ? details(inner, contents, context) : {}),
  }));
}

function details(inner: Inner, contents: Contents, context: PresentContext): Inner {
  return {
    projectDescription: inner.project_description ?? null,
    contributors: objects(inner.contributors).map((one) => renamed(one, contributorShape)),
    publications: objects(inner.publications).map((one) => renamed(one, publicationShape)),
    supplementaryLinks: list(inner.supplementary_links),
    matrices: stratification(filesOf(contents, 'matrices'), context),
    contributedAnalyses: stratification(filesOf(contents, 'contributed_analyses'), context),
    accessions: objects(inner.accessions),
  };
}

function filesOf(contents: Contents, role: string): Inner[] {
  return rowsOf(contents, role).flatMap((inner) => objects(inner.file));
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function objects(value: Json | undefined): Inner[] {
  return list(value).filter(isObject);
}
