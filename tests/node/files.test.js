// Files through a tus client that nobody here wrote.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as tus from 'tus-js-client';
import { Server } from './server.js';

let server;
before(async () => { server = await Server.start({ CHAT_FILES__PART_BYTES: '65536' }); });
after(() => server.stop());

// Uploads with the client; resolves with it, once it has succeeded.
function upload(user, bytes, options = {}) {
  return new Promise((done, failed) => {
    const one = new tus.Upload(bytes, {
      endpoint: `${server.url}/api/v1/uploads`,
      headers: { Authorization: `Bearer ${user.token}` },
      metadata: { filename: 'Fähre.bin', filetype: 'image/png' },
      retryDelays: null,
      onError: failed,
      onSuccess: () => done(one),
      ...options,
    });
    one.start();
  });
}

const id = (one) => one.url.split('/').pop();

async function send(user, room, uploads) {
  const { status, body } = await user.call('POST', `/rooms/${room}/messages`, { text: '', attachments: uploads });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

async function download(user, message, attachment) {
  const path = `/rooms/${message.room}/messages/${message.offset}/attachments/${attachment}`;
  const { body } = await user.call('GET', path);
  return fetch(server.url + body.url);
}

test('what goes up comes down, whatever the pieces', async () => {
  const ann = await server.user('ann');
  await ann.room('files');
  const bytes = randomBytes(300_000);
  for (const options of [{}, { chunkSize: 70_001 }, { uploadDataDuringCreation: true }]) {
    const one = await upload(ann, bytes, options);
    const message = await send(ann, 'files', [id(one)]);
    const [attachment] = message.attachments;
    assert.deepEqual([attachment.name, attachment.type, attachment.size],
      ['Fähre.bin', 'application/octet-stream', 300_000]);
    const answer = await download(ann, message, attachment.id);
    assert.match(answer.headers.get('content-disposition'), /^attachment; .*filename\*=UTF-8''F%C3%A4hre.bin$/);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
  }
});

test('an upload that was stopped with its server goes on with it', async () => {
  const ben = await server.user('ben');
  await ben.room('cut');
  const bytes = randomBytes(400_000);
  const url = await new Promise((stopped, failed) => {
    const one = new tus.Upload(bytes, {
      endpoint: `${server.url}/api/v1/uploads`,
      headers: { Authorization: `Bearer ${ben.token}` },
      chunkSize: 100_000,
      retryDelays: null,
      onError: failed,
      onChunkComplete: (_, sent) => {
        if (sent < 200_000) return;
        one.abort();
        stopped(one.url);
      },
    });
    one.start();
  });
  await server.down('SIGKILL');
  await server.up();
  const one = await upload(ben, bytes, { uploadUrl: url });
  assert.equal(one.url, url);
  const message = await send(ben, 'cut', [id(one)]);
  const answer = await download(ben, message, message.attachments[0].id);
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
});

test('the client is told what is refused, and can take an upload back', async () => {
  const cid = await server.user('cid');
  const huge = new tus.Upload(Buffer.alloc(1), {
    endpoint: `${server.url}/api/v1/uploads`,
    headers: { Authorization: `Bearer ${cid.token}` },
    uploadSize: 26_214_401,
    retryDelays: null,
  });
  const error = await new Promise((refused) => { huge.options.onError = refused; huge.start(); });
  assert.equal(error.originalResponse.getStatus(), 413);
  const one = await upload(cid, Buffer.from('words'));
  await tus.Upload.terminate(one.url, { headers: { Authorization: `Bearer ${cid.token}` } });
  const { status } = await cid.call('GET', `/uploads/${id(one)}`);
  assert.equal(status, 404);
});
