//! What goes wrong between one machine and another.

use super::{
    Down, Identified, Investigating, Monitoring, Partial, Postmortem, Resolved, Slow, Story, Up, step,
};

pub const LATE_DNS: Story = Story {
    titles: &[
        "Changes to DNS records take long to show",
        "DNS records keep their old values",
        "New DNS zones are not answered",
    ],
    casts: &[&["DNS"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "Records that you add or change are answered with their old values for up to an hour. Records \
             that do not change resolve as usual. We are investigating.",
            "Our name servers have not picked up changes since {from} UTC. Everything that was there before \
             resolves. We are looking into it.",
            "Zones that were added in the last half hour are not answered by our name servers yet, and \
             changes to other zones are late. We are looking for the cause.",
        ]),
        step(22, Identified, &[]).says(&[
            "The queue that carries changes to our name servers is stuck behind one very large import. We \
             are moving the import aside.",
            "A name server that was being replaced still counted as one that must confirm every change, so \
             that none was ever confirmed. We are taking it off the list.",
            "The program that writes zones to the name servers stopped at a record that it could not read, \
             and did not go past it. We are removing the record by hand.",
        ]),
        step(49, Identified, &[]).says(&[
            "Changes are moving again. About 40,000 of them are still waiting, and there are fewer every \
             minute.",
            "Name servers in Europe are up to date. Those in Asia and America are catching up.",
        ]),
        step(84, Monitoring, &[(0, Up)]).says(&[
            "All name servers have all changes. New changes show within a minute again. We are watching.",
        ]),
        step(117, Resolved, &[]).says(&[
            "Between {from} and {until} UTC, changes to DNS records were late. No change was lost. Large \
             imports now wait in a queue of their own.",
            "DNS has been up to date since {until} UTC. A name server that is being replaced no longer holds \
             up the others.",
            "All zones are answered. A record that can't be read is now set aside and reported to us, and \
             the others go on.",
        ]),
    ],
};

pub const ZONE_AWAY: Story = Story {
    titles: &["Part of {region} can't be reached", "Connection problems in {region}"],
    casts: &[
        &["Private Networks", "Virtual Machines", "Load Balancers"],
        &["Virtual Machines", "Private Networks", "Kubernetes"],
    ],
    steps: &[
        step(0, Investigating, &[(0, Down), (2, Partial)]).says(&[
            "Machines in one of the three zones of {region} do not answer. We are investigating with the \
             highest priority.",
            "We are receiving alarms from {region}: a large part of its machines can't be reached from \
             outside or from each other. All hands are on it.",
        ]),
        step(6, Identified, &[(1, Partial)]).says(&[
            "Both routers of the second zone restarted after a change of their configuration and can't read \
             it. Engineers are putting the earlier one back by way of the console.",
            "A cable between two of our buildings was cut in road works, and the second path does not carry \
             the load alone. We are bringing a third path up.",
        ]),
        step(24, Identified, &[(0, Slow), (1, Slow), (2, Up)]).says(&[
            "The routers have their earlier configuration and the zone can be reached. Some machines lost \
             their leases for addresses in the meantime and are still coming back.",
            "The third path is up. Most connections work again, and some are slower than usual while the \
             load spreads.",
        ]),
        step(51, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "Everything in {region} can be reached. We are watching closely, and nothing else will be \
             changed in this region today.",
            "Traffic in {region} is back to what is usual for this hour, and the third path carries its \
             share. We are watching.",
        ]),
        step(96, Resolved, &[]).says(&[
            "Between {from} and {until} UTC, parts of {region} could not be reached. We are sorry: two \
             routers should never have failed for one reason. We will write here what went wrong.",
            "All has been well since {until} UTC. The cable is being repaired, which you should not notice. \
             We are sorry for the trouble. A longer report will follow here.",
        ]),
        step(2_871, Postmortem, &[]).says(&[
            "**What happened.** At {from} UTC a new routing configuration went to the second zone of \
             {region}. Both of its edge routers refused it and restarted without any, which cut the zone \
             off. By {until} UTC the earlier configuration was back and all machines had their addresses.\n\n\
             **Why.** The configuration was tested on a newer model of router than the ones that stand in \
             that zone.\n\n\
             **What we change.**\n\n\
             - The two routers of a zone are never changed within the same hour.\n\
             - A router that can't read a new configuration goes on with the one it has.\n\
             - Every model that we use stands in the test lab as well.",
            "**What happened.** At {from} UTC an excavator cut one of the two fibre paths that join our \
             buildings in {region}. The other path was full within seconds. A third path, which we rent for \
             such days, carried the traffic from {until} UTC on.\n\n\
             **Why it took so long.** The third path had to be switched on by hand.\n\n\
             **What we change.**\n\n\
             - The third path now carries a little traffic at all times and takes more by itself.\n\
             - The second path is being widened, so that it can carry a usual day alone.",
        ]),
    ],
};

pub const NO_CERTIFICATES: Story = Story {
    titles: &["New certificates are not issued", "Certificates for new domains stay pending"],
    casts: &[&["TLS Certificates", "Load Balancers"], &["TLS Certificates", "Content Delivery"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "Certificates for new domains stay pending. Renewals begin 30 days ahead, so that no certificate \
             is about to expire.",
            "Since {from} UTC no certificate has been issued. Domains that have one are not affected. We are \
             investigating.",
        ]),
        step(38, Identified, &[(1, Slow)]).says(&[
            "The authority that signs our certificates limits how many we may ask for, and a script used the \
             whole allowance. We have stopped it and asked for more. Until then new domains can't be added \
             to {1}.",
            "The authority that signs our certificates has trouble of its own. New domains can't be added to \
             {1} meanwhile. We are preparing to use a second authority.",
        ]),
        step(127, Identified, &[(0, Slow)]).says(&[
            "The authority gives us a higher limit step by step. Certificates that wait are issued in the \
             order in which you asked for them.",
            "We now ask a second authority. About a third of the certificates that wait have been issued.",
        ]),
        step(209, Monitoring, &[(0, Up), (1, Up)])
            .says(&["Everything that waited has been issued. We are watching new requests."]),
        step(258, Resolved, &[]).says(&[
            "New certificates were late between {from} and {until} UTC. One customer can no longer use up \
             the allowance of all.",
            "Certificates are issued within a minute again. The second authority stays in place, so that \
             trouble of the first is not yours.",
        ]),
    ],
};

pub const TUNNELS_BREAK: Story = Story {
    titles: &["VPN tunnels break off in {region}", "VPN tunnels in {region} need several attempts"],
    casts: &[&["VPN Gateways", "Private Networks"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "VPN tunnels to {region} break off every few minutes and open again. We are looking for the \
             cause.",
            "Many VPN tunnels to {region} can't be opened at the first attempt. Tunnels that are open stay \
             open. We are investigating.",
        ]),
        step(16, Identified, &[(1, Slow)]).says(&[
            "Since an update this week the gateways agree on new keys much too often, and some devices do \
             not go along with it. We are taking the update back. Routes that lead through a tunnel are \
             missing while it is down.",
            "One of the two gateways of {region} has run out of ports and refuses new tunnels. We are adding \
             a third gateway. Routes that lead through a tunnel are missing until it is open.",
        ]),
        step(39, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "All gateways in {region} run without the update and tunnels stay open. If yours is not back \
             yet, please restart it on your side.",
            "The third gateway is at work and tunnels open at once. We are watching how the load spreads.",
        ]),
        step(72, Resolved, &[]).says(&[
            "Between {from} and {until} UTC, VPN tunnels to {region} were not stable. We have put the \
             devices that had trouble into our tests.",
            "Tunnels to {region} have been well since {until} UTC. We are now told when a gateway has used \
             three quarters of its ports.",
        ]),
    ],
};

pub const LOST_PACKETS: Story = Story {
    titles: &["Some requests through {0} fail in {region}"],
    casts: &[&["Content Delivery"], &["Load Balancers"], &["Content Delivery"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "Some requests that go through {0} in {region} end with error 502 or 504. Other regions are not \
             affected.",
            "We see more errors than usual for requests through {0} in {region} and are looking into it.",
        ]),
        step(5, Identified, &[]).says(&[
            "One of three carriers in {region} loses about a fifth of our packets. We are moving traffic to \
             the other two.",
            "A link to one of our carriers in {region} is faulty. We are taking it out of service.",
        ]),
        step(11, Resolved, &[(0, Up)]).says(&[
            "Traffic has gone over the other two carriers since {until} UTC, and there are no more errors. \
             The third one stays out until it has told us what happened.",
            "The faulty link has been out of service since {until} UTC. Requests succeed as usual.",
        ]),
    ],
};
