// Receive callbacks. Node.js 18 or newer, nothing to install.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = Buffer.from(process.env.HUOPAN_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");

// Check time and signature over the bytes as they came.
function isOurs(headers, body) {
  const timestamp = headers["webhook-timestamp"] ?? "0";
  const mac = createHmac("sha256", secret).update(`${headers["webhook-id"]}.${timestamp}.`).update(body);
  const expected = Buffer.from("v1," + mac.digest("base64"));
  const given = (headers["webhook-signature"] ?? "").split(" ").map((one) => Buffer.from(one));
  const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300;
  return isFresh && given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const ours = isOurs(request.headers, body);
  if (ours) {
    // Drop an event whose id is known, and obey the greater object_version.
    const event = JSON.parse(body);
    console.log(event.type, event.id, event.data.out_order_no ?? "");
  }
  response.writeHead(ours ? 204 : 400).end();
}).listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
