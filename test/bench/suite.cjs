/** What VS Code's extension host calls: Node there reads TypeScript as it does here. */
exports.run = async () => (await import('./inside.ts')).run();
