// A customer of an SMPP server: binds, submits, answers what comes, and says on standard output what it saw.
// node client.js PORT SYSTEM_ID PASSWORD TEXT NUMBER... ; ends by unbinding when standard input ends.
"use strict";
const smpp = require("smpp");

const [port, systemId, password, text, ...numbers] = process.argv.slice(2);
const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");
const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` }, () => {
  session.bind_transceiver({ system_id: systemId, password }, (bound) => {
    say("bound", { status: bound.command_status, system_id: bound.system_id });
    if (bound.command_status !== 0) return;
    session.enquire_link({}, (answer) => say("alive", { status: answer.command_status }));
    for (const number of numbers) {
      session.submit_sm(
        { source_addr: "10690001", dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: number, short_message: text, registered_delivery: 1 },
        (answer) => say("submitted", { status: answer.command_status, id: answer.message_id, number }),
      );
    }
  });
});
session.on("deliver_sm", (pdu) => {
  say("delivered", {
    esm_class: pdu.esm_class,
    from: pdu.source_addr,
    to: pdu.destination_addr,
    text: pdu.short_message.message,
    receipted: pdu.receipted_message_id,
    state: pdu.message_state,
  });
  session.send(pdu.response());
});
session.on("enquire_link", (pdu) => session.send(pdu.response()));
session.on("close", () => { say("closed"); process.exit(0); });
session.on("error", (error) => { say("failed", { code: error.code }); process.exit(0); });
process.stdin.on("end", () => session.unbind({}, () => { say("unbound"); session.close(); }));
process.stdin.resume();
