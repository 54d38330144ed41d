import { play } from '../play.ts';

/*
 * A process that plays schedules until one fails, and tells its parent: it is started with a fault in the product
 * (`mutate.ts`), which has to be found.
 */
const [opensearch = '', seed = '', most = ''] = process.argv.slice(2);
const played = await play({ opensearch, seed: Number(seed), most: Number(most), shrinkMillis: 0 });
process.send?.(played);
process.disconnect();
