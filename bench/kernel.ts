import { readFileSync } from "node:fs";

/** Bytes of kernel memory in slabs, which is where sockets are; undefined where there is no /proc. */
export function kernelSlabBytes(): number | undefined {
  try {
    const kilobytes = /^Slab: +(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
