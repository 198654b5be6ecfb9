// An SMPP centre: lets in who knows the password, takes every text, reports on it and replies to it, and says what it saw.
// node server.js SYSTEM_ID PASSWORD
"use strict";
const smpp = require("smpp");

const [systemId, password] = process.argv.slice(2);
const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");
let count = 0;

const server = smpp.createServer((session) => {
  session.on("bind_transceiver", (pdu) => {
    const known = pdu.system_id === systemId && pdu.password === password;
    say("bind", { known });
    session.send(pdu.response({ command_status: known ? 0 : smpp.ESME_RBINDFAIL, system_id: "npm" }));
    if (!known) session.close();
  });
  session.on("submit_sm", (pdu) => {
    const id = `npm-${++count}`;
    say("submit", { id, number: pdu.destination_addr, from: pdu.source_addr, text: pdu.short_message.message, udh: !!pdu.short_message.udh });
    session.send(pdu.response({ message_id: id }));
    const both = { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr };
    const report = `id:${id} sub:001 dlvrd:001 submit date:2511221401 done date:2511221402 stat:DELIVRD err:000 text:`;
    session.deliver_sm({ ...both, esm_class: 4, short_message: report, receipted_message_id: id, message_state: 2 }, (answer) =>
      say("report answered", { status: answer.command_status }),
    );
    session.deliver_sm({ ...both, short_message: "收到" }, (answer) => say("reply answered", { status: answer.command_status }));
  });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => { say("unbind"); session.send(pdu.response()); session.close(); });
  session.on("error", (error) => say("failed", { code: error.code }));
});
server.listen(0, "127.0.0.1", () => say("listening", { port: server.address().port }));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
