//! Permissions as `chmod` takes them.

/// A change of permission bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `644`
    Absolute(u16),
    /// `u+x,go=r`
    Symbolic(Vec<Clause>),
}

/// One of the parts between commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// The bits of whom it is about; `None`: everybody, but the umask has a say.
    who: Option<u16>,
    actions: Vec<(char, Bits)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bits {
    /// For all three of user, group, others.
    plain: u16,
    /// `X`: execution only where it makes sense.
    execute_if_any: bool,
    /// `u`, `g`, `o`: copied from there.
    copied_from: Option<u16>,
}

impl Mode {
    /// Reads a mode; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Mode> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            let mode = u16::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777)?;
            return Some(Mode::Absolute(mode));
        }
        text.split(',').map(clause).collect::<Option<Vec<_>>>().map(Mode::Symbolic)
    }

    /// The bits after the change.
    pub(crate) fn apply(&self, old: u16, is_directory: bool, umask: u16) -> u16 {
        let clauses = match self {
            Mode::Absolute(mode) => return *mode,
            Mode::Symbolic(clauses) => clauses,
        };
        let mut mode = old;
        for clause in clauses {
            let who = clause.who.unwrap_or(0o7777);
            for (operator, bits) in &clause.actions {
                let mut value = bits.plain;
                if bits.execute_if_any && (is_directory || mode & 0o111 != 0) {
                    value |= 0o111;
                }
                if let Some(shift) = bits.copied_from {
                    let copied = mode >> shift & 7;
                    value |= copied << 6 | copied << 3 | copied;
                }
                value &= who;
                if clause.who.is_none() {
                    value &= !umask;
                }
                mode = match operator {
                    '+' => mode | value,
                    '-' => mode & !value,
                    _ => mode & !(who & 0o777) | value,
                };
            }
        }
        mode
    }
}

fn clause(text: &str) -> Option<Clause> {
    let mut chars = text.chars().peekable();
    let mut who = None;
    while let Some(bits) = chars.peek().and_then(|c| match c {
        'u' => Some(0o4700),
        'g' => Some(0o2070),
        'o' => Some(0o1007),
        'a' => Some(0o7777),
        _ => None,
    }) {
        who = Some(who.unwrap_or(0) | bits);
        chars.next();
    }
    let mut actions = Vec::new();
    while let Some(operator) = chars.next() {
        if !"+-=".contains(operator) {
            return None;
        }
        let mut bits = Bits { plain: 0, execute_if_any: false, copied_from: None };
        while let Some(letter) = chars.peek().copied().filter(|c| !"+-=".contains(*c)) {
            match letter {
                'r' => bits.plain |= 0o444,
                'w' => bits.plain |= 0o222,
                'x' => bits.plain |= 0o111,
                'X' => bits.execute_if_any = true,
                's' => bits.plain |= 0o6000,
                't' => bits.plain |= 0o1000,
                'u' => bits.copied_from = Some(6),
                'g' => bits.copied_from = Some(3),
                'o' => bits.copied_from = Some(0),
                _ => return None,
            }
            chars.next();
        }
        actions.push((operator, bits));
    }
    (!actions.is_empty()).then_some(Clause { who, actions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        let check = |text: &str, old: u16, new: u16| {
            assert_eq!(
                Mode::parse(text).map(|mode| mode.apply(old, false, 0o022)),
                Some(new),
                "{text}"
            );
        };
        check("755", 0, 0o755);
        check("+x", 0o644, 0o755);
        check("u+x", 0o644, 0o744);
        check("go-r", 0o644, 0o600);
        check("a=rx,u+w", 0o000, 0o755);
        check("g=u", 0o640, 0o660);
        check("+w", 0o444, 0o644);
    }
}
