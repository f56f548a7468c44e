/** Mocha's own reporters, and the counts of the run for the one closing line of `npm test`. */
import Mocha from 'mocha';
import { appendFileSync } from 'node:fs';

const Base = process.env['PRECIS_TEST_COUNTS'] ? Mocha.reporters.Dot : Mocha.reporters.Spec;

export default class Counting extends Base {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env['PRECIS_TEST_COUNTS'];
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      if (file) appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures, pending })}\n`);
    });
  }
}
