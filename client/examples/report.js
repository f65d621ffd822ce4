// 从 Node 系统报送：每行一件事件的文件，经 HTTP 或 AMQP，直到每件都有回执。没有回执的以原编号再发，重复无害。
// Reports a file of events, one a line, by HTTP or AMQP, until each has a receipt; what has none is sent again.
//
// npm install cloudevents amqplib
// node report.js events.jsonl https://qihang.example.cn/s/participation
// node report.js events.jsonl amqps://mq.example.cn:5671/qihang
// TOKEN, or AMQP_USER, AMQP_PASSWORD and CA (a file) come from the environment.

const fs = require("fs");
const { CloudEvent, HTTP } = require("cloudevents");

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function byHttp(address, events, receipts) {
  for (const event of events) {
    for (let pause = 1; !receipts.has(event.id); pause = Math.min(pause * 2, 60)) {
      const { headers, body } = HTTP.structured(event);
      headers.Authorization = `Bearer ${process.env.TOKEN}`;
      const answer = await fetch(`${address}/api/intake`, { method: "POST", headers, body }).catch(() => null);
      if (answer?.ok) {
        for (const receipt of (await answer.json()).receipts) receipts.set(receipt.data.id, receipt.data);
        continue;
      }
      if (answer && answer.status !== 429 && answer.status < 500) throw new Error(await answer.text());
      await sleep(Math.max(pause, Number(answer?.headers.get("retry-after") ?? 0)));
    }
  }
}

async function byAmqp(address, events, receipts) {
  const amqplib = require("amqplib");
  const url = new URL(address);
  url.username = process.env.AMQP_USER;
  url.password = process.env.AMQP_PASSWORD;
  const options = process.env.CA ? { ca: [fs.readFileSync(process.env.CA)] } : {};
  const connection = await amqplib.connect(url.href, options);
  const channel = await connection.createConfirmChannel();
  await channel.consume(`qihang.receipts.${process.env.AMQP_USER}`, (message) => {
    const { data } = JSON.parse(message.content);
    receipts.set(data.id, data);
    channel.ack(message); // kept first, where it is kept
  });
  const missing = () => events.filter((event) => !receipts.has(event.id));
  while (missing().length) {
    for (const event of missing()) {
      channel.publish(`qihang.intake.${process.env.AMQP_USER}`, event.type, Buffer.from(JSON.stringify(event)), {
        persistent: true,
        userId: process.env.AMQP_USER,
        contentType: "application/cloudevents+json",
      });
    }
    await channel.waitForConfirms().catch(() => null); // a nack: the queue is full, and it is published again
    for (let n = 0; n < 100 && missing().length; n += 1) await sleep(0.1);
  }
  await channel.close();
  await connection.close();
}

async function main(file, address) {
  const lines = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  const events = lines.map((line) => new CloudEvent(JSON.parse(line)));
  const receipts = new Map();
  await (address.startsWith("http") ? byHttp : byAmqp)(address, events, receipts);
  for (const event of events) console.log(JSON.stringify(receipts.get(event.id)));
}

main(process.argv[2], process.argv[3]);
