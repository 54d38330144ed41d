import { connect } from 'node:net';

/**
 * What the MultiLangDaemon runs for each shard: passes its orders on to the process that has the processors, by the socket
 * that is named, and the answers back. It ends when either side does.
 */
const socket = connect(process.argv[2] ?? '');
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.once('error', (error) => {
  throw error;
});
socket.once('close', () => process.stdin.destroy());
