//! Command-line flags, declared as data and read as pflag reads them.
//!
//! A command declares its flags as lists of [`Flag`]; [`parse`] reads a command line against such
//! lists, [`Flags`] hands out the values. Help is printed from the same declarations.

mod csv;
mod duration;
pub(crate) mod global;
mod parse;
pub(crate) mod shared;
mod values;

pub use duration::{format_duration, parse_duration};
pub use parse::{Parsed, parse};
pub use values::Flags;

/// What a flag holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagType {
    /// A text.
    String,
    /// A truth value; the flag alone means true.
    Bool,
    /// A whole number.
    Int,
    /// A whole number of 32 bits.
    Int32,
    /// A time such as `1m30s`.
    Duration,
    /// Texts, separated by commas or given one by one.
    StringSlice,
    /// Texts, given one by one.
    StringArray,
    /// Pairs such as `a=b,c=d`.
    StringMap,
}

/// The declaration of a flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// The name without dashes.
    pub name: &'static str,
    /// The letter that stands for it.
    pub short: Option<char>,
    /// What it holds.
    pub ty: FlagType,
    /// What it holds when it is not given, as help prints it.
    pub default: &'static str,
    /// What help says of it.
    pub usage: &'static str,
    /// What it means without a value, if it can be given so.
    pub implied: Option<&'static str>,
    /// Whether help leaves it out.
    pub is_hidden: bool,
    /// What is said when somebody uses it, if it is deprecated.
    pub deprecated: &'static str,
    /// Whether the command does not run without it.
    pub is_required: bool,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident: $ty:ident;)*) => {
        $(
            $(#[$doc])*
            pub const fn $name(name: &'static str, default: &'static str, usage: &'static str) -> Flag {
                Flag::new(FlagType::$ty, name, default, usage)
            }
        )*
    };
}

impl Flag {
    const fn new(
        ty: FlagType,
        name: &'static str,
        default: &'static str,
        usage: &'static str,
    ) -> Flag {
        let implied = if matches!(ty, FlagType::Bool) { Some("true") } else { None };
        Flag {
            name,
            short: None,
            ty,
            default,
            usage,
            implied,
            is_hidden: false,
            deprecated: "",
            is_required: false,
        }
    }

    constructors! {
        /// A text.
        string: String;
        /// A truth value.
        bool: Bool;
        /// A whole number.
        int: Int;
        /// A whole number of 32 bits.
        int32: Int32;
        /// A time.
        duration: Duration;
        /// Texts, separated by commas.
        string_slice: StringSlice;
        /// Texts, one at a time.
        string_array: StringArray;
        /// Pairs.
        string_map: StringMap;
    }

    /// With a letter.
    pub const fn short(mut self, letter: char) -> Flag {
        self.short = Some(letter);
        self
    }

    /// With another default.
    pub const fn with_default(mut self, default: &'static str) -> Flag {
        self.default = default;
        self
    }

    /// With another text in help.
    pub const fn with_usage(mut self, usage: &'static str) -> Flag {
        self.usage = usage;
        self
    }

    /// With a meaning when it stands without a value.
    pub const fn implied(mut self, value: &'static str) -> Flag {
        self.implied = Some(value);
        self
    }

    /// Left out of help, and complained about.
    pub const fn deprecated(mut self, why: &'static str) -> Flag {
        self.is_hidden = true;
        self.deprecated = why;
        self
    }

    /// Needed.
    pub const fn required(mut self) -> Flag {
        self.is_required = true;
        self
    }

    /// The default as help prints it.
    pub fn default_text(&self) -> String {
        match self.ty {
            FlagType::String => format!("'{}'", self.default),
            FlagType::StringSlice | FlagType::StringArray | FlagType::StringMap
                if self.name != "vmodule" && self.name != "aggregation-rule" =>
            {
                format!("[{}]", self.default)
            }
            _ => self.default.to_owned(),
        }
    }
}
