import json
import os
import sys

from hca.dss import DSSClient

staging, home = sys.argv[1:3]
version = '2018-10-18T150431.370880Z'
aws = {'replica': 'aws'}
client = DSSClient()


def uuid(start):
    return start + '000000-0000-4000-8000-000000000000'


told = {}
told['listed'] = [bundle['uuid'][:2] for bundle in client.get_bundles_all.iterate(prefix='b', **aws)]
files = list(client.get_bundle.iterate(uuid=uuid('b0'), **aws))
told['files'] = len(files)
told['small'] = client.get_file(uuid=files[0]['uuid'], version=version, **aws)
told['large'] = len(client.get_file(uuid=files[-1]['uuid'], version=version, **aws))
client.put_file(uuid=uuid('aa'), version=version, creator_uid=0, source_url=f's3://{staging}/hca')
entry = {'uuid': uuid('aa'), 'version': version, 'name': 'a.json', 'indexed': True}
told['put'] = client.put_bundle(uuid=uuid('ab'), version=version, creator_uid=0, files=[entry], **aws)['version']
query = {'query': {'match_all': {}}}
made = client.put_subscription(callback_url='https://indexer.example/add', es_query=query, **aws)
kind = {'subscription_type': 'elasticsearch', **aws}
told['subscribed'] = [one['uuid'] == made['uuid'] for one in client.get_subscriptions(**kind)['subscriptions']]
told['unsubscribed'] = list(client.delete_subscription(uuid=made['uuid'], **kind))
told['found'] = client.post_search(es_query=query, **aws)['total_hits']
client.delete_bundle(uuid=uuid('b1'), reason='judged', **aws)
told['left'] = len(list(client.get_bundles_all.iterate(prefix='b', **aws)))
client.download(bundle_uuid=uuid('b0'), version=version, download_dir=home, **aws)
told['downloaded'] = sorted(os.listdir(f"{home}/{uuid('b0')}.{version}"))
print(json.dumps(told))
