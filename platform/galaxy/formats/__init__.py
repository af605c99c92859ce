"""How dates are written where no template says it: in the operators' pages, as in the portal."""
