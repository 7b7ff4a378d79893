// Checks the version of Node before any TypeScript runs (`node bin/require-node-24.js && …`, or preloaded with
// `node --import`), because older versions cannot parse TypeScript. This file is JavaScript, which they can parse.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Prospect Lake runs on Node 24, and this is ${process.versions.node}. npm brings the right one: run \`npm ci\`, then start through npm (\`npm start\`, \`npx cdk deploy\`). Where npm was told to refuse install scripts, run \`npm rebuild node --ignore-scripts=false\`.`,
  );
  process.exit(2);
}
