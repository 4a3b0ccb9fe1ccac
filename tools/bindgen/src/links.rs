//! What the functions and the data of a linked module refer to.
//!
//! A linker that is told to (`--emit-relocs`) leaves in the module which of its numbers are
//! addresses of data and which are places in the table of functions. Nothing else tells them from
//! other numbers. The module has to be read before anything rewrites it.

use anyhow::{Context as _, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{
    DataKind, KnownCustom, Linking, Name, Operator, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo, TypeRef,
};

/// What something refers to, beside what it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Functions, by name, whose places in the table it knows.
    pub functions: BTreeSet<String>,
    /// Numbers in [`Links::data`].
    pub data: BTreeSet<usize>,
}

/// A piece of data that is one to the compiler: whoever knows its address may read all of it.
#[derive(Clone, Debug)]
pub struct Datum {
    /// Where it is in memory.
    pub range: Range<u32>,
    /// What its pointers point to.
    pub uses: Uses,
}

/// What everything in a module refers to.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// By the name of the function.
    pub functions: BTreeMap<String, Uses>,
    /// By address. Pieces do not overlap.
    pub data: Vec<Datum>,
}

impl Links {
    /// Reads what the linker noted in `module`.
    ///
    /// # Errors
    /// If it noted nothing, or the bytes are no module.
    pub fn read(module: &[u8]) -> Result<Links> {
        Reader::read(module)?.links()
    }

    /// The piece of data at an address.
    pub fn datum_at(&self, address: u32) -> Option<usize> {
        let after = self.data.partition_point(|datum| datum.range.start <= address);
        let number = after.checked_sub(1)?;
        self.data[number].range.contains(&address).then_some(number)
    }
}

/// A segment of data: where its bytes are in the file and in memory.
struct Segment {
    file: Range<usize>,
    address: u32,
}

/// The sections of a module that matter here.
#[derive(Default)]
struct Reader<'a> {
    /// Where sections begin in the file, by number.
    sections: Vec<usize>,
    imported: u32,
    /// Bodies of the functions that are not imported, in order.
    bodies: Vec<Range<usize>>,
    segments: Vec<Segment>,
    names: BTreeMap<u32, &'a str>,
    symbols: Vec<SymbolInfo<'a>>,
    /// The file's offset of what was filled in, and how.
    relocations: Vec<(usize, RelocationEntry)>,
}

impl<'a> Reader<'a> {
    fn read(module: &'a [u8]) -> Result<Reader<'a>> {
        let mut reader = Reader::default();
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Some((_, range)) = payload.as_section() {
                reader.sections.push(range.start);
            }
            reader.take(payload)?;
        }
        ensure!(
            !reader.symbols.is_empty() && !reader.relocations.is_empty(),
            "the module has to be linked with --emit-relocs"
        );
        Ok(reader)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body.range()),
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else {
                        bail!("a segment of data has no address");
                    };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                    else {
                        bail!("a segment of data has no fixed address");
                    };
                    let end = segment.range.end;
                    let file = end - segment.data.len()..end;
                    self.segments.push(Segment { file, address: value as u32 });
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(names) => {
                    for part in names {
                        if let Name::Function(names) = part? {
                            for naming in names {
                                let naming = naming?;
                                self.names.insert(naming.index, naming.name);
                            }
                        }
                    }
                }
                KnownCustom::Linking(parts) => {
                    for part in parts {
                        if let Linking::SymbolTable(symbols) = part? {
                            self.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
                        }
                    }
                }
                KnownCustom::Reloc(section) => {
                    let begin = *self
                        .sections
                        .get(section.section_index() as usize)
                        .context("relocations come before what they are about")?;
                    for entry in section.entries() {
                        let entry = entry?;
                        self.relocations.push((begin + entry.offset as usize, entry));
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn name(&self, function: u32) -> Result<String> {
        let name = self.names.get(&function);
        Ok(name.with_context(|| format!("function {function} has no name"))?.to_string())
    }

    /// Where a symbol's data is; nothing for what is no data or takes no room.
    fn range(&self, symbol: &SymbolInfo<'_>) -> Option<Range<u32>> {
        let SymbolInfo::Data { symbol: Some(place), .. } = symbol else { return None };
        let begin = self.segments.get(place.index as usize)?.address + place.offset;
        (place.size > 0).then(|| begin..begin + place.size)
    }

    /// Pieces of data, with those that overlap taken as one.
    fn data(&self) -> Vec<Datum> {
        let mut ranges: Vec<_> = self.symbols.iter().filter_map(|s| self.range(s)).collect();
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut data: Vec<Datum> = Vec::new();
        for range in ranges {
            match data.last_mut() {
                Some(last) if range.start < last.range.end => {
                    last.range.end = last.range.end.max(range.end);
                }
                _ => data.push(Datum { range, uses: Uses::default() }),
            }
        }
        data
    }

    fn links(&self) -> Result<Links> {
        let mut links = Links { functions: BTreeMap::new(), data: self.data() };
        for number in 0..self.bodies.len() as u32 {
            links.functions.insert(self.name(self.imported + number)?, Uses::default());
        }
        for (at, entry) in &self.relocations {
            let symbol = self.symbols.get(entry.index as usize).context("an unknown symbol")?;
            let target = match (entry.ty, symbol) {
                (
                    RelocationType::TableIndexSleb | RelocationType::TableIndexI32,
                    SymbolInfo::Func { index, .. },
                ) => Target::Function(self.name(*index)?),
                (
                    RelocationType::MemoryAddrLeb
                    | RelocationType::MemoryAddrSleb
                    | RelocationType::MemoryAddrI32,
                    symbol,
                ) => match self.range(symbol).and_then(|range| links.datum_at(range.start)) {
                    Some(number) => Target::Datum(number),
                    None => continue,
                },
                _ => continue,
            };
            let Some(uses) = self.uses_at(&mut links, *at)? else { continue };
            match target {
                Target::Function(name) => uses.functions.insert(name),
                Target::Datum(number) => uses.data.insert(number),
            };
        }
        Ok(links)
    }

    /// What refers to something at an offset of the file.
    fn uses_at<'l>(&self, links: &'l mut Links, at: usize) -> Result<Option<&'l mut Uses>> {
        let body = self.bodies.partition_point(|body| body.start <= at);
        if let Some(number) = body.checked_sub(1)
            && self.bodies[number].contains(&at)
        {
            let name = self.name(self.imported + number as u32)?;
            return Ok(links.functions.get_mut(&name));
        }
        let Some(segment) = self.segments.iter().find(|segment| segment.file.contains(&at)) else {
            return Ok(None);
        };
        let address = segment.address + (at - segment.file.start) as u32;
        let number = links.datum_at(address).context("a pointer lies in no known data")?;
        Ok(Some(&mut links.data[number].uses))
    }
}

/// What a number in a module stands for.
enum Target {
    Function(String),
    Datum(usize),
}

/// The module without the linker's notes, which nobody needs later.
///
/// # Errors
/// If the bytes are no module.
pub fn without_notes(module: &[u8]) -> Result<Vec<u8>> {
    without(module, |name| name == "linking" || name.starts_with("reloc."))
}

/// The module without the names of its functions.
///
/// # Errors
/// If the bytes are no module.
pub fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    without(module, |name| name == "name")
}

/// The module without some of its custom sections.
fn without(module: &[u8], goes: impl Fn(&str) -> bool) -> Result<Vec<u8>> {
    let mut kept = module.get(..8).context("no module")?.to_vec();
    let mut begin = kept.len();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((_, range)) = payload.as_section() else { continue };
        if !matches!(&payload, Payload::CustomSection(section) if goes(section.name())) {
            kept.extend(&module[begin..range.end]);
        }
        begin = range.end;
    }
    Ok(kept)
}
