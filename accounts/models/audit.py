"""The audit's rows. Only `accounts.audit` writes them; the database refuses to change or delete them."""

from typing import Any, NoReturn

from django.db import models


class AuditEntry(models.Model):
    """One recorded action. Ids are text and not foreign keys: an entry outlives the person and thing it names."""

    seq = models.BigIntegerField(primary_key=True)
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_index=True)
    tenant = models.CharField(max_length=36)
    person = models.CharField(max_length=36)
    via = models.CharField(max_length=80)
    client = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    target = models.TextField("thing")
    outcome = models.CharField(max_length=12)
    milliseconds = models.IntegerField(null=True)
    correlation = models.CharField(max_length=64)
    detail = models.TextField()

    class Meta:
        ordering = ("-seq",)
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["person", "-seq"], name="audit_of_a_person"),
            models.Index(fields=["kind", "target", "-seq"], name="audit_of_a_thing"),
            models.Index(fields=["correlation"], name="audit_of_an_event"),
            models.Index(fields=["tenant", "-seq"], name="audit_of_a_tenant"),
            models.Index(fields=["tenant", "action", "-seq"], name="audit_of_an_action"),
            models.Index(fields=["tenant", "outcome", "-seq"], name="audit_of_an_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.action} {self.outcome}"

    def save(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse to save: `accounts.audit.record` adds entries."""
        raise NotImplementedError("Only accounts.audit.record writes the audit.")


class AuditHead(models.Model):
    """The end of the chain: one row, locked while entries are added."""

    seq = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"The chain ends with entry {self.seq}"
