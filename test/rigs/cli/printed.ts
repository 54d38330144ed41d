import type { Output } from '../../../cli/output.ts';

/** What commands print that run in this process. Data is a line of `out`. */
export function printed() {
  const lines = { out: [] as string[], err: [] as string[] };
  const print = (line: string): void => void lines.out.push(line);
  const output: Output = {
    out: print,
    err: (line) => void lines.err.push(line),
    data: print,
    parts: async (texts) => {
      const all: string[] = [];
      for await (const text of texts) all.push(text);
      print(all.join('').replace(/\n$/, ''));
    },
    bytes: async (content) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      print(Buffer.concat(chunks).toString());
    },
    goOn: () => undefined,
    terminal: false,
  };
  return { lines, output };
}
