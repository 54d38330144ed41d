/** Studies of which snapshots are. */
export const studies = [
  { name: 'CMG_Example_GRU', consent: 'GRU', investigator: 'Ada Example', organism: 'Homo sapiens' },
  { name: 'CCDG_Example_DS_CVD', consent: 'DS-CVD', investigator: 'Grace Sample', organism: 'Homo sapiens' },
  { name: 'GTEx_Example_HMB', consent: 'HMB', investigator: 'Rosalind Trial', organism: 'Homo sapiens' },
  { name: 'MouseBrain_Example_NRES', consent: 'NRES', investigator: 'Barbara Model', organism: 'Mus musculus' },
] as const;

export const sites = ['UBERON:0000178', 'UBERON:0000955', 'UBERON:0002048', 'UBERON:0002107', 'liver', null] as const;
export const biosampleTypes = ['DNA', 'RNA', 'whole blood', 'cell line', null] as const;
export const cellTypes = ['B cell', 'T cell', 'neuron', 'hepatocyte'] as const;
export const diseases = ['OMIM:143890', 'MONDO:0005148', 'MONDO:0004979', 'asthma', 'epilepsy'] as const;
export const phenotypes = ['HP:0001250', 'HP:0001631', 'HP:0002099', 'HP:0003124', 'HP:0000252'] as const;
export const sexes = ['Female', 'Male', 'Unknown', null] as const;
export const ethnicities = ['Hispanic or Latino', 'Not Hispanic or Latino', 'Unknown'] as const;
export const ancestries = ['African', 'Admixed American', 'East Asian', 'European', 'South Asian'] as const;
export const modalities = ['Genomic', 'Genomic_Exome', 'Genomic_Whole Genome', 'Transcriptomic'] as const;
export const assays = ['whole genome sequencing assay', 'exome sequencing assay', 'RNA-seq assay'] as const;
export const assemblies = ['GRCh38', 'GRCh37', 'T2T-CHM13'] as const;
