// Preloaded (`node --import`) before any TypeScript, which older versions of Node cannot even parse.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Prospect Lake needs Node 24 or newer, and this is ${process.versions.node}. Run \`npm ci\`, which installs it, and start through npm (\`npm run synth\`, \`npx cdk deploy\`).`,
  );
  process.exit(2);
}
