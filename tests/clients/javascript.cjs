// Initialize, start, status, cancel, a value: with Google's JavaScript client as it is.
const ee = require("@google/earthengine");
const [url] = process.argv.slice(2);
const fail = (error) => { console.error(error); process.exit(1); };
process.on("unhandledRejection", fail);

const promise = (call) => new Promise((resolve) => call((value, error) => (error ? fail(error) : resolve(value))));
const started = (task) => new Promise((resolve) => task.start(() => resolve(task.id), fail));

async function main() {
  const image = ee.Image("grid").add(1);
  const id = await started(ee.batch.Export.image.toCloudStorage({
    image, description: "javascript", bucket: "theirs", fileNamePrefix: "javascript",
  }));
  let state;
  do {
    [{state}] = await promise((done) => ee.data.getTaskStatus([id], done));
  } while (["READY", "RUNNING"].includes(state));
  await fetch(`${url}/emulator/operations/next`, {method: "POST", body: JSON.stringify({run_seconds: 1e6})});
  const long = await started(ee.batch.Export.image.toDrive({image, description: "long", folder: "theirs"}));
  await promise((done) => ee.data.cancelTask(long, done));
  const [{state: cancelled}] = await promise((done) => ee.data.getTaskStatus([long], done));
  const value = await promise((done) => ee.Number(1).add(2).evaluate(done));
  console.log(JSON.stringify({state, cancelled, value}));
}

ee.data.setAuthToken("client", "Bearer", "token", 3600, [], null, false);
ee.initialize(url, url, main, fail, null, "my-project");
