"""Compares files with recorded ones by the functions of the tool that replays manifests. Arguments: tool, recordings, files."""
import gzip, json, os, sys

tool, recordings, files = sys.argv[1:4]
source = open(tool, encoding='utf-8').read()
names = {}
sys.argv = [tool, 'https://service.example', recordings]
exec(source[: source.index("\ngeneric = re.compile(")], names)
cell = names['cell']
# Of files with values and files without any a bag has an empty text beside the hundred that a cell is cut at.
names['cell'] = lambda value: cell(value.removeprefix(' || '))
results = {}
for entry in json.load(open(os.path.join(recordings, 'index.json'))):
    if entry.get('status') != 200:
        continue
    path = os.path.join(recordings, entry['file'])
    want = gzip.open(path + '.gz').read() if os.path.exists(path + '.gz') else open(path, 'rb').read()
    try:
        wrong = names['compare'](entry['format'], want, open(os.path.join(files, entry['file']), 'rb').read())
    except Exception as error:
        wrong = repr(error)
    results[f"{entry['file']} {entry['fetch']}"] = wrong
print(json.dumps(results))
