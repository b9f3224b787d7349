// Reads a list of objects from standard input and writes each as canonical JSON in hexadecimal, a line each.

import { readFileSync } from "node:fs";

import { canonical, hex, readCanonical } from "../../bot/web/console/static/crypto/wire.js";

for (const each of JSON.parse(readFileSync(0, "utf8"))) {
  const bytes = canonical(each);
  readCanonical(bytes, "test", 1_000_000);
  process.stdout.write(`${hex(bytes)}\n`);
}
