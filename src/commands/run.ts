/** Wraps all commands: shows a failure once, as a sentence with a button. */
import { createErrorView } from '../host/errors.ts';
import { t } from '../host/l10n.ts';
import { showError } from '../panel/actions.ts';
import type { CommandId } from '../contributions.ts';
import type { Services } from '../services.ts';
import { commands } from './index.ts';

/** Resolves with the command's result; undefined after a reported failure. */
export async function runCommand(services: Services, id: CommandId, args: readonly unknown[]): Promise<unknown> {
  const command = commands.find((one) => one.id === id);
  if (!command) throw new Error(`no command ${id}`);
  try {
    return await command.execute(services, ...args);
  } catch (error) {
    if (services.runs.wasShown(error)) return undefined;
    services.log.error(`${id} failed`, error);
    const view = createErrorView(error, t);
    // only our own messages are written for users
    const own = error instanceof Error && error.name === 'Error' && error.message.length < 300;
    showError(own ? { ...view, message: error.message } : view, false, () => void runCommand(services, id, args));
    return undefined;
  }
}
