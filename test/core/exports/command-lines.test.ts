import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { commandLines, type Download, shownCommands } from '../../../core/exports/command-lines.ts';

const download: Download = {
  url: 'https://bucket.example/a.tsv?name=x%20y&signature=1',
  name: 'barista_seq 2026-11-22 11.57.tsv',
  format: 'compact',
  authorization: undefined,
};

describe('Command lines of exports', () => {
  it('save the file under its name', () => {
    expect(commandLines(download)).to.deep.equal({
      'cmd.exe':
        'curl.exe --location --fail --output "barista_seq 2026-11-22 11.57.tsv" "https://bucket.example/a.tsv?name=x%20y&signature=1"',
      bash: "curl --location --fail --output 'barista_seq 2026-11-22 11.57.tsv' 'https://bucket.example/a.tsv?name=x%20y&signature=1'",
    });
  });

  it('quote nothing for bash that needs no quotes', () => {
    const { bash } = commandLines({ ...download, name: 'a-b.tsv', url: 'http://127.0.0.1:8000/manifest/files/ab_c' });
    expect(bash).to.equal('curl --location --fail --output a-b.tsv http://127.0.0.1:8000/manifest/files/ab_c');
  });

  it('download the files that a list for curl names, with the caller’s token', () => {
    const lines = commandLines({ ...download, format: 'curl', url: 'http://x/y', authorization: 'Bearer a.b' });
    const rest = '--fail-early --continue-at - --retry 15 --retry-delay 10 --config -';
    expect(lines).to.deep.equal({
      'cmd.exe': `curl.exe --location --fail "http://x/y" | curl.exe --header "Authorization: Bearer a.b" ${rest}`,
      bash: `curl --location --fail http://x/y | curl --header 'Authorization: Bearer a.b' ${rest}`,
    });
  });

  it('are shown shell by shell', () => {
    expect(shownCommands({ 'cmd.exe': 'one', bash: 'two' })).to.equal(
      '\nDownload the manifest in cmd.exe with `curl` using:\n\none\n' +
        '\nDownload the manifest in bash with `curl` using:\n\ntwo\n',
    );
  });

  it('give bash the very name and URL, whatever is in them', () => {
    const odd = { ...download, name: `it's $HOME & "x" \`id\`.tsv`, url: "http://x/?a='b'&c=$(id)" };
    const script = `curl() { printf '%s\\n' "$@"; }; ${commandLines(odd).bash}`;
    const words = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(words).to.deep.equal(['--location', '--fail', '--output', odd.name, odd.url]);
  });
});
