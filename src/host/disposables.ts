interface Endable {
  dispose(): unknown;
}

/** Disposes newest first, once; disposes later additions at once. Failures do not stop the others. */
export class Disposables implements Endable {
  private readonly items: Endable[] = [];
  private ended = false;

  add<T extends Endable>(item: T): T {
    if (this.ended) item.dispose();
    else this.items.push(item);
    return item;
  }

  dispose(): void {
    this.ended = true;
    for (let item = this.items.pop(); item; item = this.items.pop()) {
      try {
        item.dispose();
      } catch {
        // continue with the next ones
      }
    }
  }
}
