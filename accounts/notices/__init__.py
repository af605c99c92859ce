"""Notices: hints to the open pages of the people whom a change concerns, in every process, to fetch anew what they show.

A notice decides nothing and promises nothing: the truth is in the database, and a hint that is lost costs a refresh.

    notices.notify(notices.person(owner_id), "conversations", conversation_id)

Channels' layer carries them, as `channels_redis.pubsub` has it: a notice is one PUBLISH and is gone, which is what a hint may
be. The core layer keeps a list in Redis for each process and forgets a group that is older than a day.
"""

from accounts.notices.audience import Address, Audience, address_of, everyone, groups_of, person, tenant
from accounts.notices.hearing import ear
from accounts.notices.notice import TOPICS, Notice, Topic
from accounts.notices.pending import Pending
from accounts.notices.publishing import notify

__all__ = [
    "TOPICS",
    "Address",
    "Audience",
    "Notice",
    "Pending",
    "Topic",
    "address_of",
    "ear",
    "everyone",
    "groups_of",
    "notify",
    "person",
    "tenant",
]
