/** A term of an ontology: what submitters typed, its id, its label. */
export interface Term {
  readonly text: string;
  readonly id: string;
  readonly label: string;
}

const term = (label: string, id: string, text = label): Term => ({ label, id, text });

/** An organ with what is taken from it. Labels hold none of `,=;`, which strata reserve. */
export interface Organ {
  readonly organ: Term;
  readonly parts: readonly Term[];
  readonly cells: readonly Term[];
  readonly diseases: readonly Term[];
}

export const organs: readonly Organ[] = [
  {
    organ: term('brain', 'UBERON:0000955', 'Brain'),
    parts: [term('cerebral cortex', 'UBERON:0000956'), term('hippocampal formation', 'UBERON:0002421', 'Hippocampus')],
    cells: [term('neuron', 'CL:0000540'), term('astrocyte', 'CL:0000127'), term('microglial cell', 'CL:0000129')],
    diseases: [term('Alzheimer disease', 'MONDO:0004975', "Alzheimer's"), term('epilepsy', 'MONDO:0005027')],
  },
  {
    organ: term('blood', 'UBERON:0000178', 'Peripheral blood'),
    parts: [term('venous blood', 'UBERON:0013756'), term('buffy coat', 'UBERON:0013755')],
    cells: [term('T cell', 'CL:0000084'), term('monocyte', 'CL:0000576'), term('B cell', 'CL:0000236')],
    diseases: [term('acute myeloid leukemia', 'MONDO:0018874', 'AML'), term('COVID-19', 'MONDO:0100096')],
  },
  {
    organ: term('kidney', 'UBERON:0002113', 'Mature kidney'),
    parts: [term('cortex of kidney', 'UBERON:0001225', 'Cortex'), term('renal medulla', 'UBERON:0000362', 'Medulla')],
    cells: [term('podocyte', 'CL:0000653'), term('kidney cell', 'CL:1000497')],
    diseases: [term('chronic kidney disease', 'MONDO:0005300'), term('renal cell carcinoma', 'MONDO:0005086')],
  },
  {
    organ: term('lung', 'UBERON:0002048', 'Lung'),
    parts: [term('upper lobe of left lung', 'UBERON:0008952'), term('lung parenchyma', 'UBERON:0008946')],
    cells: [term('type II pneumocyte', 'CL:0002063', 'AT2'), term('alveolar macrophage', 'CL:0000583')],
    diseases: [term('pulmonary fibrosis', 'MONDO:0002771', 'IPF'), term('asthma', 'MONDO:0004979')],
  },
  {
    organ: term('heart', 'UBERON:0000948', 'Heart'),
    parts: [
      term('heart left ventricle', 'UBERON:0002084', 'LV'),
      term('right atrium auricular region', 'UBERON:0006631'),
    ],
    cells: [term('cardiac muscle cell', 'CL:0000746'), term('endothelial cell', 'CL:0000115')],
    diseases: [term('dilated cardiomyopathy', 'MONDO:0005021', 'DCM')],
  },
  {
    organ: term('eye', 'UBERON:0000970', 'Eye'),
    parts: [term('retina', 'UBERON:0000966', 'neural retina'), term('macula lutea', 'UBERON:0000053')],
    cells: [term('retinal ganglion cell', 'CL:0000740', 'RGC'), term('Mueller cell', 'CL:0000636', 'Müller glia')],
    diseases: [term('macular degeneration', 'MONDO:0003004', 'AMD')],
  },
  {
    organ: term('immune system', 'UBERON:0002405', 'Immune system'),
    parts: [term('bone marrow', 'UBERON:0002371'), term('spleen', 'UBERON:0002106', 'Spleen')],
    cells: [term('hematopoietic stem cell', 'CL:0000037', 'HSC'), term('natural killer cell', 'CL:0000623', 'NK')],
    diseases: [term('rheumatoid arthritis', 'MONDO:0008383'), term('lymphoma', 'MONDO:0005062')],
  },
  {
    organ: term('skin of body', 'UBERON:0002097', 'Skin'),
    parts: [term('skin epidermis', 'UBERON:0001003', 'Epidermis'), term('dermis', 'UBERON:0002067')],
    cells: [term('keratinocyte', 'CL:0000312'), term('melanocyte', 'CL:0000148'), term('fibroblast', 'CL:0000057')],
    diseases: [term('psoriasis', 'MONDO:0005083'), term('melanoma', 'MONDO:0005105')],
  },
];

/** A species with stages of its life. */
export interface Species {
  readonly species: Term;
  readonly taxon: number;
  readonly stages: readonly Term[];
}

export const allSpecies: readonly Species[] = [
  {
    species: term('Homo sapiens', 'NCBITaxon:9606', 'Human'),
    taxon: 9606,
    stages: [
      term('human adult stage', 'HsapDv:0000087', 'adult'),
      term('fetal stage', 'HsapDv:0000037', 'Fetus'),
      term('adolescent stage', 'HsapDv:0000086'),
    ],
  },
  {
    species: term('Mus musculus', 'NCBITaxon:10090', 'Mouse'),
    taxon: 10090,
    stages: [term('6 weeks', 'MmusDv:0000050'), term('Theiler stage 26', 'MmusDv:0000028', 'TS26')],
  },
];

export const normal: Term = term('normal', 'PATO:0000461', 'Healthy');

export const instruments: readonly Term[] = [
  term('Illumina NovaSeq 6000', 'EFO:0008637', 'NovaSeq'),
  term('Illumina HiSeq 4000', 'EFO:0008563', 'HiSeq 4000'),
  term('Illumina NextSeq 500', 'EFO:0009173'),
  term('Oxford Nanopore PromethION', 'EFO:0008632'),
];

export const libraryMethods: readonly Term[] = [
  term("10x 3' v3", 'EFO:0009922', '10X v3'),
  term('10X v2 sequencing', 'EFO:0009310'),
  term('Smart-seq2', 'EFO:0008931'),
  term('Visium Spatial Gene Expression', 'EFO:0010961', 'Visium'),
];

export const nucleicAcidSources = ['single cell', 'single nucleus', 'bulk cell', 'spatial'] as const;
export const sexes = ['female', 'male', 'mixed', 'unknown'] as const;
export const cellLineTypes = ['primary', 'immortalized', 'stem cell', 'induced pluripotent'] as const;
export const storageMethods = ['fresh', 'frozen, liquid nitrogen', 'RNAlater, at 4 °C', 'paraffin block'] as const;
export const preservationMethods = ['fresh', 'cryopreservation in liquid nitrogen', 'formalin fixed'] as const;
export const workflows = ['optimus_v4.2.2', 'smartseq2_v3.0.0', 'cellranger_v2.1.0', 'scanpy_1.9'] as const;

export const assayTypes: readonly Term[] = [
  term('in situ sequencing', 'EFO:0008440'),
  term('fluorescence in situ hybridization', 'EFO:0003747', 'smFISH'),
  term('MERFISH', 'EFO:0008992'),
];

export const ageUnits: readonly Term[] = [
  term('year', 'UO:0000036', 'years'),
  term('month', 'UO:0000035', 'Months'),
  term('week', 'UO:0000034'),
  term('day', 'UO:0000033', 'days'),
  term('hour', 'UO:0000032'),
];

export const projectRoles: readonly Term[] = [
  term('principal investigator', 'EFO:0009736', 'Principal Investigator'),
  term('computational scientist', 'EFO:0009742'),
  term('data curator', 'EFO:0009737', 'Data wrangler'),
];

/** Descriptions of contents; those of sequence, image and reference files must not name a matrix. */
export const contents = {
  countMatrix: term('Count Matrix', 'data:3917', 'Contributor-generated matrix'),
  generatedMatrix: term('Count Matrix', 'data:3917', 'DCP/2-generated matrix'),
  /** is a matrix by the only word that names it, in capitals */
  shouted: term('GENE EXPRESSION MATRIX', 'data:2082'),
  annotations: term('Cell type annotations', 'data:2012', 'cell annotations'),
  sequence: term('DNA sequence', 'data:3494'),
  image: term('Image', 'data:2968', 'microscopy image'),
  genome: term('Reference genome', 'data:2340'),
} as const;
