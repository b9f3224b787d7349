// The locked key file in this browser's IndexedDB: ciphertext and nothing else.

const DATABASE = "fener-console";
const TABLE = "keys";
const NAME = "caseworker";

function asked(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

async function inTable(mode, work) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(TABLE));
  const database = await asked(opening);
  try {
    return await asked(work(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

/** The locked file's text, or undefined. */
export const loadKeyFile = () => inTable("readonly", (table) => table.get(NAME));

export const saveKeyFile = (text) => inTable("readwrite", (table) => table.put(text, NAME));

/** Ask the browser not to clear the keys away when space gets short; it may say no. */
export const askToKeep = () => navigator.storage?.persist?.().catch(() => false);
