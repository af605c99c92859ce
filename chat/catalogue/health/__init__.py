"""Health of the models, a circuit breaker for each: noted from real answers, checked where there were none, kept in Redis.

`state` has the values, `record` keeps them, `watched` notes the outcomes and holds questions back from a model that is down,
`checking` checks models without an outcome, and those that are down until they answer again. See docs/models.md.
"""

from chat.catalogue.health.record import by_mark, known, known_now
from chat.catalogue.health.state import Health

__all__ = ["Health", "by_mark", "known", "known_now"]
