import type { CommandId } from '../contributions.ts';
import type { Services } from '../services.ts';

/** A command of the extension. */
export interface Command {
  readonly id: CommandId;
  /** Arguments come from menus and other extensions: validate them. */
  execute(services: Services, ...args: readonly unknown[]): Promise<unknown>;
}
