import assert from 'node:assert/strict';
import { readText } from '../../../support/formats.ts';

const update = (i: number): string =>
  `  # module.app[${i}].aws_instance.node will be updated in-place\n  ~ resource "aws_instance" "node" {\n      ~ tags = {\n          ~ "Release" = "4.${i}.0" -> "4.${i}.1"\n        }\n    }\n`;
const updates = Array.from({ length: 12 }, (_, i) => update(i)).join('\n');
const plan = (total: string): string => `module.app[0].x: Refreshing state... [id=1]

Terraform will perform the following actions:

${updates}
  # aws_db_instance.orders must be replaced
-/+ resource "aws_db_instance" "orders" {
      ~ engine_version    = "14.9" -> "16.3"
      ~ storage_encrypted = false -> true # forces replacement
    }

  # aws_s3_bucket.backups will be destroyed
  # (because aws_s3_bucket.backups is not in configuration)
  - resource "aws_s3_bucket" "backups" {
      - bucket = "backups" -> null
    }

${total}
`;

describe('plans of Terraform', () => {
  it('tell what is destroyed or replaced first, why, and what is alike in one counted line', async () => {
    const { points, prepared, text } = await readText('plan.txt', plan('Plan: 1 to add, 12 to change, 2 to destroy.'));
    assert.deepEqual(points, [
      'Plan: 1 to add, 12 to change, 2 to destroy.',
      'aws_s3_bucket.backups will be destroyed (because aws_s3_bucket.backups is not in configuration): bucket = "backups" -> null',
      'aws_db_instance.orders must be replaced: storage_encrypted = false -> true # forces replacement',
      '12× updated in-place: module.app[0].aws_instance.node to module.app[11].aws_instance.node: "Release" = "4.0.0" -> "4.0.1"',
    ]);
    assert.equal(prepared.format!.points[3]!.line, 5);
    // Alike, but for what differs.
    assert.equal(text.split('resource "aws_instance" "node"').length - 1, 1);
    for (let i = 0; i < 12; i++) assert.ok(text.includes(`"4.${i}.0" -> "4.${i}.1"`), `${i}`);
    assert.match(text, /1 line of reading and refreshing state/);
  });

  it('say that nothing changes, what was applied, and errors first', async () => {
    const none = 'x.y: Refreshing state... [id=1]\n\nNo changes. Your infrastructure matches the configuration.\n';
    assert.deepEqual((await readText('plan.txt', none)).points, [
      'No changes. Your infrastructure matches the configuration.',
    ]);
    const applied =
      'x.y: Refreshing state... [id=1]\n│ Error: no quota\n\nApply complete! Resources: 2 added, 0 changed, 1 destroyed.\n';
    assert.deepEqual((await readText('apply.txt', applied)).points, [
      'Apply complete! Resources: 2 added, 0 changed, 1 destroyed.',
      'no quota',
    ]);
  });

  it('state nothing where the blocks are not those that the total counts', async () => {
    assert.equal((await readText('plan.txt', plan('Plan: 1 to add, 70 to change, 2 to destroy.'))).points, undefined);
  });
});

const stamped = (lines: readonly string[]): string =>
  lines.map((line, i) => `2024-02-01T10:00:${String(i).padStart(2, '0')}.1234567Z ${line}`).join('\n');

describe('logs of builds', () => {
  it('of GitHub: the failed step, why, and the steps', async () => {
    const log = stamped([
      '##[group]Run actions/checkout@v4',
      '##[endgroup]',
      'Syncing',
      '##[group]Run npm test',
      '##[endgroup]',
      '× parses dates',
      'AssertionError: expected 1 to be 2',
      '##[error]Process completed with exit code 1.',
      '##[warning]Node.js 16 is deprecated.',
    ]);
    const { points } = await readText('job.txt', `\ufeff${log}`);
    assert.deepEqual(points, [
      'GitHub log of 2 steps, 8 s: errors are marked in 1 step.',
      'Run npm test: AssertionError: expected 1 to be 2, Process completed with exit code 1.',
      'Node.js 16 is deprecated.',
      'Run actions/checkout@v4: 3 lines, 2 s',
      'Run npm test: 6 lines, 5 s, 1 error',
    ]);
    const named = log.split('\n').map((line) => `build\tTest\t${line}`);
    assert.match((await readText('job.txt', named.join('\n'))).points![1]!, /^build › Test: AssertionError/);
  });

  it('of GitLab: sections with escapes; the script failed, not the clean-up', async () => {
    const log =
      'Running with gitlab-runner\nsection_start:1700000013:step_script\r\u001b[0KExecuting "step_script"\n$ npm test\nTests: 1 failed\nsection_end:1700000075:step_script\r\u001b[0Ksection_start:1700000075:cleanup\r\u001b[0KCleaning up\nsection_end:1700000076:cleanup\r\u001b[0K\u001b[31;1mERROR: Job failed: exit code 1\n';
    const { points } = await readText('job.log', log.replaceAll('\r', '\n'));
    assert.equal(points![1], 'Executing "step_script": Tests: 1 failed, Job failed: exit code 1');
    assert.match(points![3]!, /^Executing "step_script": \d lines, 1 min 2 s, 1 error$/);
  });

  it('of Azure, and of commands in a script', async () => {
    const azure = stamped([
      '##[section]Starting: Build',
      '##[command]dotnet build',
      'Program.cs(12,5): error CS1002: ; expected',
      '##[error]exit code 1',
      '##[section]Finishing: Build',
    ]);
    assert.equal(
      (await readText('a.log', azure)).points![1],
      'Build: Program.cs(12,5): error CS1002: ; expected, exit code 1',
    );
    const commands = '::group::Lint\nchecking\n::error file=src/a.ts,line=3::Unused name\n::endgroup::\n';
    assert.equal((await readText('a.log', commands)).points![1], 'Lint: src/a.ts:3: Unused name');
  });

  it('keep every line of a long log: shown or counted', async () => {
    const noise = Array.from(
      { length: 400 },
      (_, i) => `2024-02-01T10:00:00.0000000Z npm http fetch GET 200 https://r.example/p${i} ${i}ms`,
    );
    const { text, prepared } = await readText(
      'job.log',
      [
        stamped(['##[group]Run npm ci', '##[endgroup]']),
        ...noise,
        stamped(['cannot find module x', '##[error]exit code 1']),
      ].join('\n'),
    );
    assert.match(text, /400× in lines 3 to 402:/);
    assert.match(text, /Before the error in Run npm ci:\n(?:.*\n)*.*cannot find module x/);
    assert.ok(prepared.foldedLines > 300);
  });
});

describe('kubectl describe', () => {
  const pod = `Name:         web-1
Namespace:    shop
Labels:       app=web
Status:       Running
Containers:
  web:
    Image:          web:1
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
    Ready:          False
    Restart Count:  6
  proxy:
    State:          Running
    Ready:          True
    Restart Count:  0
Conditions:
  Type            Status
  Ready           False
  PodScheduled    True
Events:
  Type     Reason   Age                 From     Message
  ----     ------   ---                 ----     -------
  Normal   Pulled   9m (x4 over 10m)    kubelet  Container image already present
  Warning  BackOff  2m (x27 over 9m)    kubelet  Back-off restarting failed container
`;

  it('tells what is not running and why; the text is sent as it is', async () => {
    const { points, text } = await readText('describe.txt', pod);
    assert.deepEqual(points, [
      'web-1 in shop, status Running',
      'Container web of web-1: Waiting (reason CrashLoopBackOff), before Terminated (reason OOMKilled, exit code 137), not ready, 6 restarts',
      'web-1: condition Ready is false',
      'BackOff 2m (x27 over 9m): Back-off restarting failed container',
      '1 normal event of web-1.',
      'Container proxy: Running',
    ]);
    assert.equal(text, pod);
  });

  it('tells each of several objects', async () => {
    const { points } = await readText('describe.txt', `${pod}\n\n${pod.replace('web-1', 'web-2')}`);
    assert.equal(points![0], '2 objects described.');
    assert.ok(points!.some((one) => one.startsWith('web-2 in shop')));
  });
});
