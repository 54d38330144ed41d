import { main } from './program.ts';

// Whoever reads our output may stop doing so (`lazuli sql … | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Idle connections and timers of what was interrupted must not keep a command from ending.
process.exit(await main(process.argv.slice(2)));
