/** Socket.IO with connection state recovery, and, given a file for it, with the log of its tutorial; published to by HTTP. */
import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { answerQuestions } from '../../processes.ts';

/** What is used of the package, which is installed for the run alone. */
interface SocketIo {
  Server: new (
    http: HttpServer,
    options: { connectionStateRecovery: object; transports: string[] },
  ) => { emit(event: string, ...args: unknown[]): void; on(event: 'connection', listener: Listener): void };
}
type Listener = (socket: {
  recovered: boolean;
  handshake: { auth: { serverOffset?: number } };
  emit(event: string, ...args: unknown[]): void;
}) => void;

const [packages = '', logFile] = process.argv.slice(2);
const { Server } = createRequire(join(packages, 'package.json'))('socket.io') as SocketIo;
const log = logFile === undefined ? undefined : openLog(logFile);
const http = createServer(async (request, response) => {
  const update = await bodyOf(request);
  io.emit('update', update, log?.append(update));
  response.end();
});
const io = new Server(http, { connectionStateRecovery: {}, transports: ['websocket'] });
io.on('connection', socket => {
  if (log === undefined || socket.recovered) return;
  for (const { content, id } of log.after(socket.handshake.auth.serverOffset ?? 0)) {
    socket.emit('update', content, id);
  }
});
http.listen(0, '127.0.0.1');
const listening = once(http, 'listening');

/** As the tutorial has it: a table of messages, whose ids are the offsets. */
function openLog(file: string) {
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT)');
  const insert = database.prepare('INSERT INTO messages (content) VALUES (?)');
  const select = database.prepare('SELECT id, content FROM messages WHERE id > ?');
  return {
    append: (content: string) => Number(insert.run(content).lastInsertRowid),
    after: (offset: number) => select.all(offset) as { id: number; content: string }[],
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request) body += piece;
  return body;
}

answerQuestions(async () => {
  await listening;
  return (http.address() as AddressInfo).port;
});
