import asyncio, json, sys, msgpack, nats

async def main(server="nats://127.0.0.1:4222", cluster="default"):
    broker, asked = await nats.connect(server), set()
    async def hear(message):
        print(json.dumps(msgpack.unpackb(message.data)[2]), flush=True)
    await broker.subscribe(f"covey.{cluster}.transition.>", cb=hear)
    await broker.subscribe(inbox := broker.new_inbox(), cb=hear)
    while True:
        info = await broker.jetstream().stream_info(f"covey-{cluster}-facts", f"covey.{cluster}.member.*.*.active")
        for fact in info.state.subjects:
            frame = [1, "watch.open", {"watch": inbox, "actors": [], "kinds": [], "ttlMs": 10_000, "withState": fact not in asked}]
            await broker.publish("covey.{}.node.{}.{}.channel.watch".format(cluster, *fact.split(".")[3:5]), msgpack.packb(frame), inbox)
        asked.update(info.state.subjects)
        await asyncio.sleep(3)

asyncio.run(main(*sys.argv[1:]))
