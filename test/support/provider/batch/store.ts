/** Files and jobs of the simulated batch wires. */
export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly content: string;
  readonly createdAt: number;
}
export interface BatchJob {
  readonly id: string;
}
