/**
 * A map for what comes and goes while much else lives: what is deleted is held by nothing any more.
 *
 * V8's own, when it makes itself a new table, leaves the old one pointing to the new. One such table that a full collection has
 * found alive then keeps all that come after it, and each keeps what was in it, until the next full collection: of texts that pass
 * through a map nearly half survive, and the room for young objects grows to its most.
 */
export class TransientMap<K, V> {
  /** What old tables keep is the holder, which is emptied. */
  private readonly holders = new Map<K, { value: V | undefined }>();

  get size(): number {
    return this.holders.size;
  }

  get(key: K): V | undefined {
    return this.holders.get(key)?.value;
  }

  has(key: K): boolean {
    return this.holders.has(key);
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.holders.set(key, { value });
  }

  delete(key: K): void {
    const holder = this.holders.get(key);
    if (!holder) return;
    holder.value = undefined;
    this.holders.delete(key);
  }

  /** In the order in which they were set. */
  keys(): K[] {
    return [...this.holders.keys()];
  }
}
