/** Units of CPU that Fargate takes; 1024 are a core. */
export const cpuUnits = [256, 512, 1024, 2048, 4096, 8192, 16384] as const;

export type CpuUnits = (typeof cpuUnits)[number];

const [gib, fewest] = [1024, 512];

/** Most memory of a task by its CPU, in GiB, and between two sizes; the least is twice the cores, and half a GiB. */
const memory: Readonly<Record<CpuUnits, { readonly most: number; readonly step: number }>> = {
  256: { most: 2, step: 1 },
  512: { most: 4, step: 1 },
  1024: { most: 8, step: 1 },
  2048: { most: 16, step: 1 },
  4096: { most: 30, step: 1 },
  8192: { most: 60, step: 4 },
  16384: { most: 120, step: 8 },
};

/** Sizes of memory, in MiB, that Fargate takes with so much CPU; it refuses a task definition with any other. */
export function memoryWith(cpu: CpuUnits): readonly number[] {
  const { most, step } = memory[cpu];
  const least = Math.ceil((2 * cpu) / 1024);
  const whole = Array.from({ length: (most - least) / step + 1 }, (_, at) => (least + at * step) * gib);
  return cpu === 256 ? [fewest, ...whole] : whole;
}

/** Capabilities that a container has by itself, as Docker has it. */
export const ordinaryCapabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;
