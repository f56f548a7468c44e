/** A test's figure, printed beside its name: the console of an extension host does not reach the runner. */
import { channel } from 'node:diagnostics_channel';

export const figures = channel('precis.figures');

export function figure(text: string): void {
  figures.publish(text);
}
