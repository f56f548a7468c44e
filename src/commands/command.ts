/** The shape of a command: its id from contributions.ts, and a factory that gets the services. One wrapper treats failures of all. */
import type { CommandId } from '../contributions.ts';
import type { Services } from '../services.ts';

export interface Command {
  readonly id: CommandId;
  /** Arguments come from menus and other extensions: nothing about them is certain. */
  execute(services: Services, ...args: readonly unknown[]): Promise<unknown>;
}
