/** Anything that VS Code or we must end. */
export interface Endable {
  dispose(): unknown;
}

/** Ends what was added, newest first, once; what is added later is ended at once. One that fails does not keep the others alive. */
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
        // the next ones still have to be ended
      }
    }
  }
}
