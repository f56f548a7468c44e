import assert from 'node:assert/strict';
import { tellTerraformPlan } from '../../../../src/engine/offline/terraform.ts';
import { readTerraformPlan } from '../../../../src/engine/read/terraformPlan.ts';

const numbered = (text: string) => text.split('\n').map((line, i) => ({ text: line, line: i + 1 }));
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
  it('tell what is destroyed or replaced first, why, and what is alike in one counted line', () => {
    const points = tellTerraformPlan(numbered(plan('Plan: 1 to add, 12 to change, 2 to destroy.')), 0)!;
    assert.deepEqual(
      points.map(({ text }) => text),
      [
        'Plan: 1 to add, 12 to change, 2 to destroy.',
        '`aws_s3_bucket.backups` will be destroyed (because aws_s3_bucket.backups is not in configuration): `bucket = "backups" -> null`',
        '`aws_db_instance.orders` must be replaced: `storage_encrypted = false -> true # forces replacement`',
        '12× updated in-place: `module.app[0].aws_instance.node` to `module.app[11].aws_instance.node`: `"Release" = "4.0.0" -> "4.0.1"`',
      ],
    );
    const [, { line }] = readTerraformPlan(numbered(plan('Plan: 1 to add, 12 to change, 2 to destroy.')))!.changes as [
      unknown,
      { line: number },
    ];
    assert.equal(line, 12);
  });

  it('state nothing where the blocks are not those that the total counts', () => {
    assert.equal(readTerraformPlan(numbered(plan('Plan: 1 to add, 70 to change, 2 to destroy.'))), undefined);
    assert.equal(readTerraformPlan(numbered('No changes. Your infrastructure matches the configuration.')), undefined);
  });
});
