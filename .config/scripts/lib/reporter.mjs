/** Mocha's own reporters (Spec; Dot with PRECIS_TEST_BRIEF), and a record of the run for the scripts: PRECIS_TEST_RECORD. */
import Mocha from 'mocha';
import { appendFileSync } from 'node:fs';

const Base = process.env['PRECIS_TEST_BRIEF'] ? Mocha.reporters.Dot : Mocha.reporters.Spec;

export default class Recording extends Base {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env['PRECIS_TEST_RECORD'];
    if (!file) return;
    const failures = [];
    runner.on('fail', (test) => failures.push({ file: test.file, title: test.fullTitle() }));
    runner.once('end', () => {
      const { passes, failures: failed, pending } = this.stats;
      appendFileSync(file, `${JSON.stringify({ passed: passes, failed, pending, failures })}\n`);
    });
  }
}
