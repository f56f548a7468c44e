/** Creates an id of this extension host for other windows. */
export function createWindowId(): string {
  const pid = typeof process === 'undefined' ? 0 : process.pid;
  return `${pid}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Our own process number on another id is that of an earlier container. */
export function isAlive(other: string, self: string): boolean {
  if (other === self) return true;
  const pid = Number(other.split('-')[0]);
  if (typeof process === 'undefined' || !Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
