// Argon2id in a worker: slow on purpose, and the page stays awake. 64 MiB, three passes, as bot/crypto/keyfile.py.

import { argon2id } from "../vendor/noble/argon2.js";

addEventListener("message", ({ data: { passphrase, salt } }) => {
  const onProgress = (share) => postMessage({ share });
  const key = argon2id(passphrase, salt, { t: 3, m: 64 * 1024, p: 1, dkLen: 32, onProgress });
  passphrase.fill(0);
  postMessage({ key }, [key.buffer]);
});
