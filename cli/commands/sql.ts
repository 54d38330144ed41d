import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { json, type Output, printMessage } from '../output.ts';
import { loadSettings, type SettingsOptions, settingsFile, someText, withSettings } from '../settings.ts';
import { filesOfTable } from '../sql/files.ts';
import { type Format, printRows } from '../sql/render.ts';
import { SqlSession } from '../sql/session.ts';
import { shell } from '../sql/shell.ts';
import { viewScript } from '../sql/views.ts';

interface SqlOptions extends SettingsOptions {
  readonly command?: string;
  readonly files?: string;
  readonly views?: true;
  readonly json?: true;
  readonly csv?: true;
}

/** `lazuli sql`: DuckDB on the staged batches. */
export function sqlCommand(output: Output): Command {
  const command = new Command('sql')
    .description('Query the staged batches with DuckDB: interactively, from standard input, or one statement with -c.')
    .option('-c, --command <sql>', 'run this and end', someText)
    .addOption(
      new Option(
        '--files <table>',
        'print the paths of the Parquet files that count now, one a line (--json: a list), for other readers',
      ).conflicts(['command', 'csv', 'views']),
    )
    .addOption(
      new Option('--views', 'print SQL that gives another DuckDB the same views, for one session').conflicts([
        'command',
        'csv',
        'json',
      ]),
    )
    .addOption(new Option('--json', 'print rows as a JSON list of objects').conflicts('csv'))
    .option('--csv', 'print rows as CSV')
    .addHelpText(
      'after',
      `
A schema per catalog, a view per staged table; names without a schema mean the first catalog. Rows of
a bundle have its number in the column "bundle". It only reads, and only the staged files that count.

Documents as they are published for exports are in a schema <catalog>_documents, a view per exported entity type, such as
hca_documents.files: "entity_id", "source_ids", "bundle_uuids", …, the JSON text "body", and a column "role.field" for each
field. A catalog of which nothing is published, or that has no manifests, has no such schema.

A table shows the first 500 rows; --json and --csv print all, however many. A table of which a file is damaged can't be
read, and says which file it is; the others can. Flipped bytes that DuckDB doesn't notice \`lazuli verify --deep\` finds.

--json: numbers are numbers where every reader of JSON has them exactly: integers up to 2^53, decimals of up to 15
digits, finite floating-point numbers. Others are text, as are NaN, Infinity, dates, times, intervals, UUIDs and bytes.
Lists are lists, structs are objects, maps are lists of {"key", "value"}; columns of one name are told apart by numbers.
--csv: values as DuckDB writes them, null as nothing, nested values as JSON. A terminal is shown escape sequences in
place of control characters; a pipe or a file gets the data as it is.

Examples:
  lazuli sql
  lazuli sql -c 'show all tables'
  lazuli sql -c 'select source_spec, count(*) from hca.bundles group by all' --json
  echo 'from hca.files limit 5;' | lazuli sql --csv
  lazuli sql -c 'select "files.file_format", count(*) from hca_documents.files group by all'
  lazuli sql --files hca.files
  duckdb -init <(lazuli sql --views) -c 'from hca.bundles limit 5'`,
    );
  return withSettings(command).action(async (options: SqlOptions) => {
    if (options.files !== undefined) {
      const files = await filesOfTable(await loadSettings(options), options.files);
      return output.data(options.json ? json(files) : files.join('\n'));
    }
    if (options.views) return output.data(await viewScript(await loadSettings(options)));
    const session = await SqlSession.open(await loadSettings(options));
    const format: Format = options.json ? 'json' : options.csv ? 'csv' : 'table';
    const run = async (sql: string): Promise<void> => printRows(await session.stream(sql), format, output);
    for (const { message, remedy } of session.damaged) printMessage(output.err, `${message}\nremedy: ${remedy}`);
    try {
      if (options.command !== undefined) await run(options.command);
      else await shell(run, output, join(dirname(settingsFile(options)), 'sql-history'));
    } finally {
      session.close();
    }
  });
}
